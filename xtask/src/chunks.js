
// What follows is by `cargo xtask`, in the place of the loaders that the tool which cut the page has made: one for each
// of its modules. These take files with several modules. None of them needs another one to be there before it.

/** A file with modules of these lengths, which is loaded once. A module alone is compiled while it comes. */
function file(name, lengths) {
  return makeLoad(() => {
    const coming = fetch(new URL(name, import.meta.url));
    coming.catch(() => {});
    return async (imports) => {
      if (lengths.length === 1) return WebAssembly.instantiateStreaming(coming, imports);
      const response = await coming;
      if (!response.ok) throw new Error(`${name}: ${response.status}`);
      const bytes = await response.arrayBuffer();
      let from = 0;
      return Promise.all(lengths.map((length) => WebAssembly.instantiate(bytes.slice(from, (from += length)), imports)));
    };
  }, []);
}

/** A stylesheet, which is loaded once. */
function sheet(name) {
  return makeLoad(() => async () => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL(name, import.meta.url);
    const loaded = new Promise((resolve, reject) => {
      link.onload = resolve;
      link.onerror = () => {
        link.remove();
        reject(new Error(`${name} did not load`));
      };
    });
    document.head.append(link);
    return loaded;
  }, []);
}

/** A chunk by the names of what it is made of, as the page calls it. */
function chunk(names) {
  return wrapAsyncCb(makeLoad(() => async () => {}, names.map((name) => files[name])));
}

