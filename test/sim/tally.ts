import type { Outcome } from './life.ts'

/** What a campaign has come to so far. */
export class Tally {
  lives = 0
  steps = 0
  acknowledged = 0
  virtualMs = 0
  cpuMs = 0
  readonly faults = new Map<string, number>()
  readonly failed: number[] = []

  count({ steps, acknowledgedCount, virtualMs, faults }: Outcome): void {
    this.lives++
    this.steps += steps
    this.acknowledged += acknowledgedCount
    this.virtualMs += virtualMs
    for (const [kind, each] of faults) this.faults.set(kind, (this.faults.get(kind) ?? 0) + each)
  }

  get stepsPerSecond(): number {
    return Math.round(this.steps / (this.cpuMs / 1000))
  }

  /** As one line, for `add`. */
  get line(): string {
    const { lives, steps, acknowledged, virtualMs, cpuMs, failed } = this
    return JSON.stringify({ lives, steps, acknowledged, virtualMs, cpuMs, failed, faults: [...this.faults] })
  }

  add(line: string): void {
    const other = JSON.parse(line)
    this.lives += other.lives
    this.steps += other.steps
    this.acknowledged += other.acknowledged
    this.virtualMs += other.virtualMs
    this.cpuMs += other.cpuMs
    this.failed.push(...other.failed)
    for (const [kind, each] of other.faults) this.faults.set(kind, (this.faults.get(kind) ?? 0) + each)
  }

  summary(seconds: number): string {
    const faults = [...this.faults].sort((a, b) => b[1] - a[1])
    const faultCount = faults.reduce((sum, [, each]) => sum + each, 0)
    return [
      `${faultCount} faults: ${faults.map(([kind, each]) => `${kind} ${each}`).join(', ')}`,
      `${this.lives} lives of ${Math.round(this.virtualMs / 60_000)} virtual minutes in ${Math.round(seconds)} s, ` +
        `${this.steps} steps, ${this.stepsPerSecond} a second of a core, ${this.acknowledged} records acknowledged, ` +
        `${this.failed.length} failed${this.failed.length === 0 ? '' : ': '}${this.failed.toSorted((a, b) => a - b).join(' ')}`,
    ].join('\n')
  }
}
