// Loaded in a worker before its own script: tells how large the memory of its module is. It never shrinks, so that is
// the most it has ever needed.
{
  const memories = new Set();
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const original = WebAssembly[name];
    WebAssembly[name] = async (source, imports) => {
      const made = await original.call(WebAssembly, source, imports);
      // Ours makes its memory; the peer's is given to it. Nothing else of its imports may be touched: some make things up.
      const given = Object.hasOwn(imports?.env ?? {}, "memory") ? [imports.env.memory] : [];
      for (const value of [...given, ...Object.values((made.instance ?? made).exports)]) {
        if (value instanceof WebAssembly.Memory) memories.add(value);
      }
      return made;
    };
  }
  const channel = new BroadcastChannel(new URL(location).searchParams.get("channel"));
  channel.onmessage = () => {
    channel.postMessage([...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0));
  };
}
