import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What one of Kafka's tools really printed: the files of `recorded/cases`. */
export interface RecordedCase {
  readonly name: string
  readonly tool: string
  readonly args: readonly string[]
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export const recordedFolder = join(import.meta.dirname, 'recorded')

export function readCase(name: string): RecordedCase {
  const text = readFileSync(join(recordedFolder, 'cases', `${name}.txt`), 'utf8')
  const match = /^\$ (\S+) ?(.*)\n(?:--- stdin\n[\s\S]*?)?--- exit (\d+)\n--- stdout\n([\s\S]*?)--- stderr\n([\s\S]*)$/.exec(text)
  if (match === null) throw new Error(`${name} is not in the form of a recorded case`)
  const [, tool = '', line = '', code = '', stdout = '', stderr = ''] = match
  return { name, tool, args: wordsOf(line), code: Number(code), stdout, stderr }
}

/** Words as a shell takes them apart, as far as these lines need it. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain ?? '')
}
