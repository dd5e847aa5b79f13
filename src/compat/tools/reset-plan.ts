import { readText } from '../admin-session.ts'
import { JavaException, runtimeException } from '../java/exception.ts'
import type { ToolIo } from '../tool.ts'
import type { NewOffset } from './consumer-group-reset.ts'

/** What each group is to have. */
export type ResetPlan = ReadonlyMap<string, NewOffset[]>

const quoted = (value: string): string => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)

/** A line of what --export writes and --from-file reads: `[group,]topic,partition,offset`. */
export function csvLine(groupId: string | undefined, { topic, partition, offset }: NewOffset): string {
  return `${[...(groupId === undefined ? [] : [groupId]), topic, String(partition), String(offset)].map(quoted).join(',')}\n`
}

function fieldsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, inQuotes, plain]) =>
    inQuotes === undefined ? (plain ?? '').trim() : inQuotes.replaceAll('""', '"'),
  )
}

/** @throws JavaException */
export async function readResetPlan(io: ToolIo, path: string, groups: readonly string[]): Promise<ResetPlan> {
  const text = await readText(io, path).catch((error: unknown) => {
    if (!(error instanceof JavaException)) throw error
    throw new JavaException('java.lang.RuntimeException', error.toString(), { causedBy: error })
  })
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const isOfOneGroup = groups.length === 1 && fieldsOf(lines[0] ?? '').length === 3
  const plan = new Map<string, NewOffset[]>()
  for (const line of lines) {
    const fields = fieldsOf(line)
    const [group = '', topic = '', partition = '', offset = ''] = isOfOneGroup ? [groups[0], ...fields] : fields
    if (!/^-?\d+$/.test(partition) || !/^-?\d+$/.test(offset)) throw runtimeException(`Cannot read the line "${line}" of a reset plan`)
    plan.set(group, [...(plan.get(group) ?? []), { topic, partition: Number(partition), offset: Number(offset) }])
  }
  return plan
}
