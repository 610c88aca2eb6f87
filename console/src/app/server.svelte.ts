/** What holds of the server as a whole, whoever asks it. */
const EVERY_MS = 60_000;

class Server {
  /** It shows a log that it never writes to: every order, change and study is refused. */
  isReadOnly = $state(false);

  /** Ask it now and then, as another one may stand at its address later. Returns how to stop. */
  watch(): () => void {
    void this.#ask();
    const timer = setInterval(() => void this.#ask(), EVERY_MS);
    return () => clearInterval(timer);
  }

  /** A probe needs no token, and answers also when the server is not ready; no answer changes nothing. */
  async #ask(): Promise<void> {
    try {
      const answer = await fetch("/readyz");
      const said = (await answer.json()) as { is_read_only?: unknown };
      this.isReadOnly = said.is_read_only === true;
    } catch {
      return;
    }
  }
}

export const server = new Server();
