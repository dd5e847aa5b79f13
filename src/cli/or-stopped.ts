/** Waits for the work, but no longer than until told to stop; what it comes to after that is nobody's concern. */
export function orStopped(work: Promise<void>, stop: AbortSignal): Promise<void> {
  if (stop.aborted) {
    work.catch(() => {})
    return Promise.resolve()
  }
  return new Promise<void>((resolve, reject) => {
    const stopped = (): void => resolve()
    stop.addEventListener('abort', stopped, { once: true })
    work.then(resolve, reject).finally(() => stop.removeEventListener('abort', stopped))
  })
}
