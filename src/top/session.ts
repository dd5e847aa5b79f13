import type { Clock, Timer } from '../host/index.ts'
import { advance, type Model } from './model/model.ts'
import type { Attention, Sample } from './sample.ts'
import { attentionOf, frameOf } from './screen/frame.ts'
import { type Effect, press, told } from './screen/keys.ts'
import { type Line, textOf } from './screen/line.ts'
import { arrived, reordered, resized, type UiState } from './screen/ui-state.ts'

/** Where samples come from: a cluster, or a recording. */
export interface SampleSource {
  /** Undefined: there are no more. Rejects when nothing could be found out now. */
  next(attention: Attention): Promise<Sample | undefined>
}

/** What a session asks of those around it. */
export interface SessionWorld {
  readonly clock: Clock
  readonly source: SampleSource
  /** Told of every sample, before it is shown. */
  readonly record?: (sample: Sample) => Promise<void>
  /** Runs a command of tkafka; what it said, and whether it succeeded. */
  readonly run?: (words: readonly string[]) => Promise<{ readonly ok: boolean; readonly text: string }>
  /** Writes a text to a new file; gives its name. */
  readonly save?: (text: string) => Promise<string>
  readonly isReplay: boolean
  readonly isSpoken: boolean
}

/** What only the owner of the terminal can do. */
export interface TerminalOwner {
  quit(): void
  suspend(): void
  copy(text: string): void
}

const PAUSE_MS_MIN = 50
const LINES_OF_A_MESSAGE = 1

/**
 * A person in front of a cluster: takes a sample, makes the model and the frame of it, takes keys, again and again. Holds what changes;
 * everything it is made of is in the pure parts.
 */
export class TopSession {
  readonly #world: SessionWorld
  #ui: UiState
  #model: Model | undefined
  #trouble: string | null = null
  #lines: readonly Line[]
  readonly #listeners = new Set<() => void>()
  #owner: TerminalOwner | undefined
  #isClosed = false
  #wake: (() => void) | undefined
  #running: Promise<void> | undefined

  constructor(world: SessionWorld, ui: UiState) {
    this.#world = world
    this.#ui = ui
    this.#lines = this.#frame()
  }

  get model(): Model | undefined {
    return this.#model
  }

  get ui(): UiState {
    return this.#ui
  }

  /** Why there is no newer sample. */
  get trouble(): string | null {
    return this.#trouble
  }

  /** The frame to show; another array when it is another frame. */
  readonly lines = (): readonly Line[] => this.#lines

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  own(owner: TerminalOwner): void {
    this.#owner = owner
  }

  /** Looks at the cluster until it is closed, or there are no more samples. */
  start(): Promise<void> {
    this.#running ??= this.#loop()
    return this.#running
  }

  /** One look. False when there are no more samples. */
  async look(): Promise<boolean> {
    const { source, clock } = this.#world
    try {
      const sample = await source.next(attentionOf(this.#ui, this.#model))
      if (this.#isClosed) return false
      if (sample === undefined) {
        this.#trouble = 'the recording ends here'
        this.#show()
        return false
      }
      this.#model = advance(this.#model, sample)
      this.#trouble = null
      this.#ui = arrived(this.#ui, this.#model, clock.monotonic())
      // A disk that takes no more is told of, and holds nothing up.
      await this.#world.record?.(sample)
    } catch (error) {
      if (this.#isClosed) return false
      this.#trouble = error instanceof Error ? error.message : String(error)
    }
    this.#show()
    return true
  }

  press(key: string): void {
    const before = this.#ui
    const { ui, effects } = press(this.#ui, key, { model: this.#model, nowMs: this.#world.clock.monotonic() })
    this.#ui = ui
    // What came into sight is dated with the next sample: a panel that was entered does not wait for it.
    if (ui.drills !== before.drills || ui.everyMs !== before.everyMs || (before.isPaused && !ui.isPaused)) this.#wake?.()
    this.#show()
    for (const effect of effects) this.#carryOut(effect)
  }

  resize(columns: number, rows: number): void {
    if (columns === this.#ui.columns && rows === this.#ui.rows) return
    this.#ui = resized(this.#ui, columns, rows)
    this.#show()
  }

  close(): void {
    this.#isClosed = true
    this.#wake?.()
  }

  async #loop(): Promise<void> {
    const { clock } = this.#world
    while (!this.#isClosed) {
      const startedMs = clock.monotonic()
      if (!this.#ui.isPaused && !(await this.look())) return
      if (this.#isClosed) return
      await this.#rest(Math.max(PAUSE_MS_MIN, startedMs + this.#ui.everyMs - clock.monotonic()))
    }
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      let timer: Timer | undefined
      this.#wake = () => {
        timer?.cancel()
        this.#wake = undefined
        resolve()
      }
      timer = this.#world.clock.after(ms, this.#wake)
    })
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'quit':
        this.#owner?.quit()
        return
      case 'suspend':
        this.#owner?.suspend()
        return
      case 'refresh':
        this.#wake?.()
        return
      case 'copy':
        this.#owner?.copy(effect.text)
        return
      case 'save':
        void this.#save()
        return
      case 'run':
        void this.#run(effect.commands)
        return
    }
  }

  async #save(): Promise<void> {
    const text = `${this.#lines.map((line) => textOf(line).trimEnd()).join('\n')}\n`
    try {
      this.#tell(`saved ${await this.#world.save?.(text)}`, 'good')
    } catch (error) {
      this.#tell(`not saved: ${(error as Error).message}`, 'bad')
    }
  }

  async #run(commands: readonly (readonly string[])[]): Promise<void> {
    let isWell = true
    const texts: string[] = []
    for (const words of commands) {
      const { ok, text } = (await this.#world.run?.(words)) ?? { ok: false, text: 'commands cannot be run here' }
      isWell &&= ok
      texts.push(text.trimEnd())
    }
    const lines = texts.join('\n').split('\n')
    if (!this.#isClosed && lines.length > LINES_OF_A_MESSAGE)
      this.#ui = { ...this.#ui, page: { title: isWell ? 'Done' : 'It failed', lines, top: 0 } }
    this.#tell(isWell ? (lines.length > LINES_OF_A_MESSAGE ? 'done' : `done: ${lines[0]}`) : `failed: ${lines[0]}`, isWell ? 'good' : 'bad')
    this.#wake?.()
  }

  #tell(text: string, tone: 'good' | 'bad'): void {
    if (this.#isClosed) return
    this.#ui = told(this.#ui, text, this.#world.clock.monotonic(), tone)
    if (this.#model !== undefined) this.#ui = reordered(this.#ui, this.#model)
    this.#show()
  }

  #frame(): readonly Line[] {
    const { clock, isReplay, isSpoken } = this.#world
    return frameOf(this.#ui, this.#model, { nowMs: clock.monotonic(), trouble: this.#trouble, isReplay, isSpoken })
  }

  #show(): void {
    this.#lines = this.#frame()
    for (const listener of this.#listeners) listener()
  }
}
