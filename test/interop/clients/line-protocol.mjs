// A line of JSON in, a line of JSON out: see ../foreign-client.ts.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { inspect } from 'node:util'

/** Loads a package of the cache folder. */
export const load = createRequire(join(process.env.CLIENTS_FOLDER, 'package.json'))

export const toBytes = (text) => (text === null ? null : Buffer.from(text, 'base64'))
export const toText = (bytes) => (bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString('base64'))

export const obeyLines = async (commands) => {
  for await (const line of createInterface({ input: process.stdin })) {
    const { do: name, ...command } = JSON.parse(line)
    let answer
    try {
      if (!(name in commands)) throw new Error(`no such command: ${name}`)
      answer = { ok: (await commands[name](command)) ?? null }
    } catch (error) {
      console.error(error)
      answer = { error: inspect(error, { depth: 6, breakLength: Infinity }) }
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`)
  }
  process.exit(0)
}

/** What a push consumer delivered since the last look. */
export class Inbox {
  #records = []
  #arrived = () => {}

  push(record) {
    this.#records.push(record)
    this.#arrived()
  }

  async take(waitMs) {
    if (this.#records.length === 0) {
      await new Promise((resolve) => {
        this.#arrived = resolve
        setTimeout(resolve, waitMs)
      })
    }
    return this.#records.splice(0)
  }

  async takeAtLeast(count, limitMs = 15_000) {
    const deadline = Date.now() + limitMs
    const found = []
    while (found.length < count) {
      if (Date.now() > deadline) throw new Error(`${found.length} of ${count} records`)
      found.push(...(await this.take(200)))
    }
    return found
  }
}
