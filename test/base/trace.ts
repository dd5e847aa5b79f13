import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'

/**
 * Scripted traces: text in which commands stand at the beginning of a line and what came of each is below it, indented by two spaces.
 *
 *     # The first line is a sentence that names the KIP or the class of Kafka whose rule is shown.
 *     command word word option=value option=value
 *       what came of it
 *
 * The language is the same for all rooms; the commands are those of the room's player. A word or an option that nobody asked for is a
 * mistake in the script, and so is a command that the player does not know.
 */
export class Command {
  readonly name: string
  readonly #words: string[]
  readonly #options: Map<string, string>
  readonly #line: string

  constructor(line: string) {
    const [name, ...rest] = line.trim().split(/\s+/)
    const isOption = (word: string): boolean => /^[A-Za-z][\w.-]*=/.test(word)
    this.#line = line
    this.name = name
    this.#words = rest.filter((word) => !isOption(word))
    this.#options = new Map(rest.filter(isOption).map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]))
  }

  /** The next word; the script is wrong where there is none. */
  word(): string {
    assert.ok(this.#words.length > 0, `a word is missing: ${this.#line}`)
    return this.#words.shift()!
  }
  maybeWord(): string | undefined {
    return this.#words.shift()
  }
  /** All words that are left. */
  words(): string[] {
    return this.#words.splice(0)
  }
  number(): number {
    return numberOf(this.word(), this.#line)
  }
  /** Whether the word is among those that are left. */
  flag(word: string): boolean {
    const at = this.#words.indexOf(word)
    if (at >= 0) this.#words.splice(at, 1)
    return at >= 0
  }

  option(key: string): string | undefined {
    const value = this.#options.get(key)
    this.#options.delete(key)
    return value
  }
  numberOption(key: string): number | undefined {
    const value = this.option(key)
    return value === undefined ? undefined : numberOf(value, this.#line)
  }
  listOption(key: string): string[] | undefined {
    return this.option(key)?.split(',').filter(isNotEmpty)
  }
  numbersOption(key: string): number[] | undefined {
    return this.listOption(key)?.map((text) => numberOf(text, this.#line))
  }
  /** All options that are left. */
  options(): [key: string, value: string][] {
    const left = [...this.#options]
    this.#options.clear()
    return left
  }

  unknown(): never {
    assert.fail(`no such command: ${this.#line}`)
  }

  /** Whatever the player did not ask for would be without effect. */
  assertUsed(): void {
    const left = [...this.#words, ...this.#options.keys()]
    assert.deepEqual(left, [], `not understood in: ${this.#line}`)
  }
}

/** Carries out a command and tells what came of it. */
export type Play = (command: Command) => readonly string[] | Promise<readonly string[]>

/** Plays a script and gives it back with what came of each command now. */
export const playScript = async (script: string, play: Play): Promise<string> => {
  const told: string[] = []
  for (const line of script.split('\n')) {
    if (line.startsWith('  ')) continue
    told.push(line)
    if (line.trim() === '' || line.startsWith('#')) continue
    const command = new Command(line)
    const lines = await play(command)
    command.assertUsed()
    told.push(...lines.map((answer) => `  ${answer}`))
  }
  return told.join('\n')
}

/**
 * One test for each `*.txt` in the folder `traces` beside the test. A change of behaviour shows as a change of text; where it is meant,
 * `npm run traces:rewrite` writes what is told now, for a person to review.
 */
export const testTraces = (title: string, directory: string, newPlay: () => Play): void => {
  const folder = join(directory, 'traces')
  describe(title, () => {
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
      test(file.slice(0, -4).replaceAll('-', ' '), async () => {
        const script = readFileSync(join(folder, file), 'utf8')
        assert.match(
          script,
          /^# [A-Z].*(KIP-\d+|\b[A-Z]\w+[a-z][A-Z]\w+|\b[A-Z][a-z]+\.[a-z]\w+)/,
          'a trace opens with the rule of Kafka that it shows',
        )
        const told = await playScript(script, newPlay())
        if (process.env.TRACES === 'rewrite') writeFileSync(join(folder, file), told)
        else assert.equal(told, script)
      })
    }
  })
}

const isNotEmpty = (text: string): boolean => text !== ''

const numberOf = (text: string, line: string): number => {
  assert.match(text, /^-?\d+$/, `a number is wanted: ${line}`)
  return Number(text)
}
