/** What `cargo xtask test journeys` passes on: addresses, programs and folders. */
export function setting(name) {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: start the journeys with \`cargo xtask test journeys\``);
  return value;
}
