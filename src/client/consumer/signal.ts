import type { Clock } from '../../host/index.ts'

/** Lets one waiter sleep until something happened or the time is up. What happens while nobody waits is remembered once. */
export class Signal {
  #clock: Clock
  #raised = false
  #wake: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  raise(): void {
    this.#raised = true
    this.#wake?.()
  }

  wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#raised) {
        this.#raised = false
        resolve()
        return
      }
      const done = (): void => {
        this.#raised = false
        this.#wake = undefined
        timer.cancel()
        resolve()
      }
      const timer = this.#clock.after(timeoutMs, done)
      this.#wake = done
    })
  }
}
