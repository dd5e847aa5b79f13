import { loadProperties, type Properties } from '../admin-session.ts'
import { JavaException } from '../java/exception.ts'
import type { CommandLine } from '../options/command-line.ts'
import { keyValues } from '../options/key-values.ts'
import { type Formatter, messageFormatter } from './message-formatter.ts'

/** What the options of a console consumer say about how records are printed. @throws ToolExit 1 */
export async function formatterOf(line: CommandLine): Promise<Formatter> {
  if (line.count('property', 'formatter-property') === 2)
    line.usage('Options --property and --formatter-property cannot be specified together.')
  const old = line.has('property')
  if (old) line.io.out('Option --property is deprecated and will be removed in a future version. Use --formatter-property instead.\n')
  const settings: Properties = { ...(await loadProperties(line.io, line.text('formatter-config'))) }
  for (const name of ['key-deserializer', 'value-deserializer']) {
    const type = line.text(name) ?? ''
    if (type !== '') settings[name.replace('-', '.')] = type
  }
  Object.assign(settings, keyValues(line.all(old ? 'property' : 'formatter-property')))
  try {
    return await messageFormatter(line.required('formatter'), settings, line.io)
  } catch (error) {
    if (error instanceof JavaException) line.usage(`${error.text}`)
    throw error
  }
}
