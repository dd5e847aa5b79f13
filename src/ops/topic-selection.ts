import type { Admin } from '../client/index.ts'

/** Topics by names, or all that one of the patterns matches as a whole. */
export async function selectTopics(
  admin: Admin,
  names: readonly string[],
  options: { regex: boolean; internal?: boolean },
): Promise<string[]> {
  if (!options.regex && names.length > 0) return [...new Set(names)]
  const patterns = names.map(wholePattern)
  const listed = await admin.listTopics({ includeInternal: options.internal ?? patterns.length === 0 })
  return listed.map((each) => each.name).filter((name) => patterns.length === 0 || patterns.some((pattern) => pattern.test(name)))
}

/** @throws SyntaxError that says `is no regular expression` */
export function wholePattern(text: string): RegExp {
  try {
    return new RegExp(`^(?:${text})$`)
  } catch (cause) {
    const reason = /[^:]*$/.exec((cause as Error).message)![0].trim()
    throw new SyntaxError(`${text} is no regular expression: ${reason}`, { cause })
  }
}
