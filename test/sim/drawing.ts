const remarksMax = 20_000

interface Remark {
  readonly atMs: number
  readonly host: string
  readonly text: string
}

/** The last remarks of a life, drawn as a person reads a sequence: a line for each host, time going down. */
export class Drawing {
  readonly #linesMax: number
  #remarks: Remark[] = []
  readonly #hosts = new Set<string>()
  readonly #down = new Set<string>()

  constructor(linesMax = 60) {
    this.#linesMax = linesMax
  }

  readonly take = (atMs: number, host: string, text: string): void => {
    this.#remarks.push({ atMs, host, text })
    if (host.startsWith('node-')) this.#hosts.add(host)
    if (this.#remarks.length > 2 * remarksMax) this.#remarks = this.#remarks.slice(-remarksMax)
  }

  /** What concerns the subject of a violation: the metadata quorum, or the partition that it names. */
  draw({ invariant, message }: { readonly invariant: string; readonly message: string }): string {
    const partition = /[\w.-]+-\d+(?= |:)/.exec(message.slice(invariant.length + 2))?.[0]
    const subject = invariant.startsWith('R') ? 'metadata ' : `${partition} `
    const isTold = this.#remarks.some(({ text }) => text.startsWith(subject))
    const isOf = ({ host, text }: Remark): boolean => !isTold || host === 'nemesis' || text.startsWith('ends: ') || text.startsWith(subject)
    const hosts = [...this.#hosts].sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)))
    const head = `${'ms'.padStart(10)}  ${hosts.map((host) => host.slice(5).padEnd(3)).join('')}`
    const lines = this.#remarks
      .filter(isOf)
      .slice(-this.#linesMax)
      .map(({ atMs, host, text }) => {
        if (text.startsWith('ends: ')) this.#down.add(host)
        else this.#down.delete(host)
        const columns = hosts.map((each) =>
          (each === host ? (text.startsWith('ends: ') ? '╳' : '●') : this.#down.has(each) ? ' ' : '│').padEnd(3),
        )
        const who = host === 'nemesis' ? '⚡ ' : ''
        return `${atMs.toFixed(1).padStart(10)}  ${columns.join('')} ${who}${text}`
      })
    return [head, ...lines].join('\n')
  }
}
