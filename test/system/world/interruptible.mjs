/** Turns the signals that end a run into one that can be listened to; `exitCode` is 128 + n after signal n, else null. */
export function interruptible() {
  const controller = new AbortController();
  let code = null;
  for (const [name, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 })) {
    process.on(name, () => {
      code ??= 128 + number;
      controller.abort();
    });
  }
  return { signal: controller.signal, exitCode: () => code };
}
