// The page's side of memory.js.

/** The URL of a worker with a channel of its own, and what asks it for its memory. */
export function watched(script, parameters = {}) {
  const name = crypto.randomUUID();
  const channel = new BroadcastChannel(name);
  return {
    url: `${script}?${new URLSearchParams({ ...parameters, channel: name })}`,
    memory: () =>
      new Promise((told) => {
        channel.onmessage = ({ data }) => told(data);
        channel.postMessage("memory");
      }),
  };
}
