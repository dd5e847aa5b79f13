/** `quota.window.size.seconds` and `quota.window.num`. */
export interface RateWindow {
  readonly sizeMs: number
  readonly count: number
}

interface Sample {
  readonly startMs: number
  lastMs: number
  events: number
}

/** Events a second over sliding windows, as Kafka's Rate over a SampledStat measures them: a quiet time saves up for a burst. */
export class CreationRate {
  private samples: Sample[] = []

  record(nowMs: number, { sizeMs, count }: RateWindow, events = 1): void {
    this.samples = this.samples.filter(({ lastMs }) => nowMs - lastMs < sizeMs * count).slice(-count)
    let sample = this.samples.at(-1)
    if (sample === undefined || nowMs - sample.startMs >= sizeMs) this.samples.push((sample = { startMs: nowMs, lastMs: nowMs, events: 0 }))
    sample.lastMs = nowMs
    sample.events += events
  }

  /** How long to wait until the rate is back at `limit` a second, at most one window; 0: it is not above. */
  excessMs(limit: number, nowMs: number, { sizeMs, count }: RateWindow): number {
    const counting = this.samples.filter(({ lastMs }) => nowMs - lastMs < sizeMs * count)
    const elapsedMs = nowMs - (counting[0]?.startMs ?? nowMs)
    const missingWindows = Math.max(0, count - 1 - Math.floor(elapsedMs / sizeMs))
    const spanMs = Math.max(elapsedMs + missingWindows * sizeMs, sizeMs)
    const perSecond = counting.reduce((sum, { events }) => sum + events, 0) / (spanMs / 1000)
    return perSecond <= limit ? 0 : Math.min(Math.round(((perSecond - limit) / limit) * spanMs), sizeMs)
  }

  isQuiet(nowMs: number, { sizeMs, count }: RateWindow): boolean {
    return this.samples.every(({ lastMs }) => nowMs - lastMs >= sizeMs * count)
  }
}
