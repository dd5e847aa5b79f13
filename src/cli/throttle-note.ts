import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Host } from '../host/index.ts'
import type { ThrottleRun } from '../ops/index.ts'
import type { Shell } from './shell.ts'

const NOTE_BYTES_MAX = 64 * 1024 * 1024

/** Throttles that a command of this user has set, and who sees to them. */
export interface NotedRun extends ThrottleRun {
  /** Tells runs of one process apart. */
  readonly id: string
  /** Null: nobody waits for the end of the moves; whoever looks next takes the throttles away. */
  readonly pid: number | null
  /** Tells the process from another that has its id since. */
  readonly birth?: string
}

/**
 * What commands of this user have throttled in a cluster, one file for each, so that a throttle goes also when the command that set it
 * does not live to see the end of the moves. It is written before anything is set.
 */
export class ThrottleNotes {
  readonly #host: Host
  readonly #path: string

  private constructor(host: Host, path: string) {
    this.#host = host
    this.#path = path
  }

  static async of(shell: Shell, clusterId: string): Promise<ThrottleNotes> {
    return new ThrottleNotes(await shell.host(), join(stateDirectory(shell), 'throttles', `${clusterId.replace(/[^\w-]/g, '_')}.json`))
  }

  /** In the order in which they were set. A note that makes no sense is none. */
  async read(): Promise<NotedRun[]> {
    const { disk } = this.#host
    if ((await disk.stat(this.#path).catch(() => undefined)) === undefined) return []
    try {
      const runs: unknown = JSON.parse(Buffer.from(await disk.readFile(this.#path, NOTE_BYTES_MAX)).toString())
      return Array.isArray(runs) ? runs.filter(isRun) : []
    } catch {
      return []
    }
  }

  /** Adds a run, or puts it in the place of the one with its id. */
  async put(run: NotedRun): Promise<void> {
    const runs = await this.read()
    const at = runs.findIndex(({ id }) => id === run.id)
    await this.#write(at < 0 ? [...runs, run] : runs.with(at, run))
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#write((await this.read()).filter(({ id }) => !ids.includes(id)))
  }

  async #write(runs: readonly NotedRun[]): Promise<void> {
    const { disk } = this.#host
    if (runs.length === 0) return disk.remove(this.#path)
    await disk.makeDirectory(join(this.#path, '..'))
    await disk.replaceFile(this.#path, Buffer.from(`${JSON.stringify(runs)}\n`))
  }
}

const isRun = (each: Partial<NotedRun> | null): each is NotedRun =>
  typeof each?.id === 'string' && Array.isArray(each.set) && Array.isArray(each.before)

/** Where commands remember what they have begun: TKAFKA_STATE, or the user's folder for state. */
function stateDirectory({ env }: Pick<Shell, 'env'>): string {
  const { TKAFKA_STATE, XDG_STATE_HOME, HOME } = env
  return TKAFKA_STATE ?? join(XDG_STATE_HOME ?? join(HOME ?? tmpdir(), '.local', 'state'), 'tkafka')
}
