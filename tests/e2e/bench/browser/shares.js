// Several of our workers at once, each with its share of the users. What they answer is added up.

let frames;

/** Starts the worker whose module is at `main` on each origin, in a frame that is opened the first time. */
export async function start(main, origins) {
  frames ??= await Promise.all(origins.map(open));
  const all = (call, arguments_ = []) => Promise.all(frames.map((ask, index) => ask(call, arguments_[index])));
  const same = (argument) => origins.map(() => argument);
  await all("start", same(main));
  return {
    stop: () => all("stop"),
    memory: async () => sum(await all("memory")),
    replaceDemo: () => all("replaceDemo"),
    load: async (files) => sum(await all("load", files)),
    async ask(question) {
      const begin = performance.now();
      await all("ask", same(question));
      return performance.now() - begin;
    },
    answer: async () => ({ sum: sum((await all("answer")).map(({ sum }) => sum)) }),
  };
}

const sum = (numbers) => numbers.reduce((sum, number) => sum + number, 0);

function open(origin) {
  const frame = document.createElement("iframe");
  const waiting = new Map();
  let last = 0;
  const ask = (call, argument) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      frame.contentWindow.postMessage({ id: last, call, argument }, origin);
    });
  return new Promise((listening) => {
    addEventListener("message", ({ source, data: { id, result, error } }) => {
      if (source !== frame.contentWindow) return;
      if (id === "listening") {
        listening(ask);
        return;
      }
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    });
    frame.src = `${origin}/bench/frame.html`;
    document.body.append(frame);
  });
}
