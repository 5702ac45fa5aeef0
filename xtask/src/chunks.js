// What `cargo xtask` puts before the loaders of the page's chunks.

const files = new Map();

/** A module that stands in a file with others, as the answer that would bring it alone. */
function slice(file, from, to) {
  if (!files.has(file)) {
    const bytes = load(new URL(file, import.meta.url));
    files.set(file, bytes);
    // A file that did not come is asked for again.
    bytes.catch(() => files.delete(file));
  }
  const headers = { "content-type": "application/wasm" };
  return files.get(file).then((bytes) => new Response(bytes.slice(from, to), { headers }));
}

async function load(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.arrayBuffer();
}

/** A module that is not there before its stylesheets are. */
async function styled(module, sheets) {
  return (await Promise.all([module, ...sheets.map(sheet)]))[0];
}

const links = new Map();

function sheet(file) {
  if (!links.has(file)) {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL(file, import.meta.url);
    links.set(file, new Promise((loaded, failed) => {
      link.onload = loaded;
      link.onerror = () => {
        link.remove();
        links.delete(file);
        failed(new Error(`${link.href} did not load`));
      };
    }));
    document.head.append(link);
  }
  return links.get(file);
}
