// Starts the app in place of the static shell, or says in the shell why it could not.
const { js, wasm } = document.getElementById("boot").dataset;

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
