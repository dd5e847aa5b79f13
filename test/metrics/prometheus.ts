import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '../apache/free-port.ts'
import { eventually } from '../client/broker-at.ts'

/** For `{ skip: withoutPrometheus }`: false when it is at hand, else the reason. */
export const withoutPrometheus: string | false =
  spawnSync('prometheus', ['--version']).status === 0 && spawnSync('promtool', ['--version']).status === 0
    ? false
    : 'needs prometheus and promtool: apt install prometheus'

export interface Answer {
  readonly metric: Readonly<Record<string, string>>
  readonly value: number
}

export interface RuleState {
  readonly name: string
  readonly state: 'inactive' | 'pending' | 'firing'
  readonly health: string
  readonly lastError?: string
  readonly alerts: readonly { readonly annotations: Readonly<Record<string, string>>; readonly labels: Readonly<Record<string, string>> }[]
}

/** A Prometheus of its own on a free port, with its data in a folder of the test. */
export class Prometheus implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #url: string

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.#url = url
  }

  /** `config` is a prometheus.yml; the rules that it names stand in the folder. */
  static async start(folder: string, config: string): Promise<Prometheus> {
    const [port] = await freePorts(1)
    const file = join(folder, 'prometheus.yml')
    writeFileSync(file, config)
    const address = `127.0.0.1:${port}`
    const argv = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'tsdb')}`, `--web.listen-address=${address}`]
    const child = spawn('prometheus', argv, { stdio: ['ignore', 'ignore', 'pipe'] })
    let told = ''
    child.stderr!.on('data', (chunk) => (told += chunk))
    const prometheus = new Prometheus(child, `http://${address}`)
    const isReady = async (): Promise<boolean> => {
      if (child.exitCode !== null) throw new Error(`prometheus ended: ${told}`)
      return (await fetch(`http://${address}/-/ready`).catch(() => undefined))?.ok === true
    }
    await eventually('prometheus is ready', isReady)
    return prometheus
  }

  async #get(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const answer = await fetch(`${this.#url}/api/v1/${path}?${new URLSearchParams(parameters)}`)
    const { data, error } = (await answer.json()) as { data?: unknown; error?: string }
    if (error !== undefined) throw new Error(`${parameters.query}: ${error}`)
    return data
  }

  /** What an expression finds now. @throws Error when it is none */
  async query(query: string): Promise<Answer[]> {
    const { resultType, result } = (await this.#get('query', { query })) as {
      resultType: string
      result: readonly { metric: Record<string, string>; value: [number, string] }[]
    }
    if (resultType !== 'vector') throw new Error(`${query} gives a ${resultType}`)
    return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }))
  }

  async rules(): Promise<Map<string, RuleState>> {
    const { groups } = (await this.#get('rules')) as { groups: readonly { rules: readonly RuleState[] }[] }
    return new Map(groups.flatMap(({ rules }) => rules.map((rule) => [rule.name, rule] as const)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return
    const ended = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await ended
  }
}
