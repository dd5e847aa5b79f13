import { type Fault, usageFault } from './fault.ts'
import type { Shell } from './shell.ts'
import { readTextFile } from './text-file.ts'

/** A file of Kafka's tools that lists partitions: `{"partitions":[{"topic":…,"partition":…}]}`, each entry still to be judged by `read`. */
export async function readPartitionsFile<T>(
  shell: Shell,
  path: string,
  shape: string,
  read: (entry: Readonly<Record<string, unknown>>) => T | undefined,
): Promise<T[]> {
  const wrong = usageFault(`${path} is not ${shape}`)
  return partitionEntries((await readJsonFile(shell, path, wrong)).partitions, wrong, read)
}

/** @throws `wrong` when the list, or one of its entries, is not what it should be */
export function partitionEntries<T>(list: unknown, wrong: Fault, read: (entry: Readonly<Record<string, unknown>>) => T | undefined): T[] {
  if (!Array.isArray(list)) throw wrong
  return list.map((each) => {
    const entry = typeof each === 'object' && each !== null ? read(each) : undefined
    if (entry === undefined) throw wrong
    return entry
  })
}

/** `-` is standard input. @throws Fault, `wrong` when it is no JSON object */
export async function readJsonFile(shell: Shell, path: string, wrong: Fault): Promise<Readonly<Record<string, unknown>>> {
  const text = await readTextFile(shell, path)
  try {
    const json = JSON.parse(text)
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json
  } catch {
    // Told below.
  }
  throw wrong
}

export const isTopicPartition = ({ topic, partition }: Readonly<Record<string, unknown>>): boolean =>
  typeof topic === 'string' && isId(partition)

/** Of a broker or a partition. */
export const isId = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0x7fffffff
