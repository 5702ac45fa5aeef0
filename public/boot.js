// Starts the app in place of the static shell, or says in the shell why it could not.
const { base, js, wasm, chunks = "" } = document.getElementById("boot").dataset;

// What the page at this address needs besides is on its way before the app is there to ask for it.
const files = new Map(chunks.split(";").map((chunk) => chunk.split(" ")).map(([chunk, ...files]) => [chunk, files]));
const chunk = location.pathname.slice(base.length).split("/").find((word) => files.has(word));
for (const file of files.get(chunk) ?? []) {
  const link = document.createElement("link");
  link.rel = "preload";
  link.as = file.endsWith(".css") ? "style" : "fetch";
  if (link.as === "fetch") link.crossOrigin = "anonymous";
  link.href = new URL(file, new URL(wasm, location));
  document.head.append(link);
}

try {
  const { default: init } = await import(js);
  await init({ module_or_path: wasm });
  document.getElementById("shell").remove();
} catch (error) {
  document.querySelector("#shell .boot-wait").hidden = true;
  document.getElementById("boot-reason").textContent = String(error);
  document.getElementById("boot-failed").hidden = false;
  throw error;
}
