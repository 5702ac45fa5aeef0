// duckdb-wasm's worker, with a look at its memory.
importScripts("memory.js", "/peer/@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js");
