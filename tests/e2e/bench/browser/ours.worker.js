// The app's worker, with a look at its memory.
import "./memory.js";

await import(new URL(location).searchParams.get("main"));
