import { JavaException } from '../java/exception.ts'

/** One option of a tool, as Kafka declares it. */
export interface Declaration {
  readonly name: string
  /** Left out: the option is a flag. `optional`: a value that looks like an option is none. */
  readonly argument?: 'required' | 'optional'
  readonly describedAs?: string
  /** What a value is converted to; also what the help shows for it. Left out: a text. */
  readonly type?: string
  /** Splits one value into several. */
  readonly separator?: string
  readonly defaults?: readonly string[]
  readonly required?: boolean
  /** It can be given only beside one of these. */
  readonly availableIf?: readonly string[]
  /** Present, it stands in for required options that are missing. */
  readonly help?: boolean
  readonly description: string
}

const packageName = 'joptsimple'

export function optionException(type: string, message: string): JavaException {
  return new JavaException(`${packageName}.${type}`, message)
}

/** What a command line says about the declared options. */
export class OptionSet {
  readonly declarations: readonly Declaration[]
  readonly values: ReadonlyMap<string, readonly string[]>
  /** The names as they came, each as often as it was given. */
  readonly order: readonly string[]

  constructor(declarations: readonly Declaration[], values: ReadonlyMap<string, readonly string[]>, order: readonly string[]) {
    this.declarations = declarations
    this.values = values
    this.order = order
  }

  has(name: string): boolean {
    return this.values.has(name)
  }

  /** The given values, else the defaults. @throws JavaException for one that does not fit the type */
  all(name: string): readonly string[] {
    const declaration = this.declarations.find((each) => each.name === name)
    if (declaration === undefined) throw new TypeError(`no option --${name} is declared`)
    const given = this.values.get(name) ?? []
    if (given.length === 0) return declaration.defaults ?? []
    for (const value of given) checkType(declaration, value)
    return given
  }

  /** The value, else the default. @throws JavaException for more than one */
  text(name: string): string | undefined {
    const values = this.all(name)
    if (values.length > 1)
      throw optionException(
        'MultipleArgumentsForOptionException',
        `Found multiple arguments for option ${name}, but you asked for only one`,
      )
    return values[0]
  }

  /** As `text`, of an option that was given or has a default. */
  required(name: string): string {
    const value = this.text(name)
    if (value === undefined) throw new JavaException('java.lang.NullPointerException', null)
    return value
  }

  number(name: string): number | undefined {
    const value = this.text(name)
    return value === undefined ? undefined : Number(value)
  }
}

const ranges: Readonly<Record<string, readonly [bigint, bigint]>> = {
  Integer: [-(2n ** 31n), 2n ** 31n - 1n],
  Long: [-(2n ** 63n), 2n ** 63n - 1n],
}

function checkType(declaration: Declaration, value: string): void {
  const range = ranges[declaration.type ?? '']
  if (range === undefined) return
  if (/^[+-]?\d+$/.test(value)) {
    const number = BigInt(value.replace('+', ''))
    if (number >= range[0] && number <= range[1]) return
  }
  const format = new JavaException('java.lang.NumberFormatException', `For input string: "${value}"`)
  const reflection = new JavaException('joptsimple.internal.ReflectionException', format.toString(), { causedBy: format })
  const text = `Cannot parse argument '${value}' of option ${declaration.name}`
  throw new JavaException(`${packageName}.OptionArgumentConversionException`, text, { causedBy: reflection })
}

/** Parses as Kafka's tools do: no abbreviations, `--name value` or `--name=value`, `--` ends the options. @throws JavaException */
export function parseOptions(declarations: readonly Declaration[], args: readonly string[]): OptionSet {
  const byName = new Map(declarations.map((each) => [each.name, each]))
  const values = new Map<string, string[]>()
  const order: string[] = []
  const add = (declaration: Declaration, value: string | undefined): void => {
    const list = values.get(declaration.name) ?? []
    values.set(declaration.name, list)
    order.push(declaration.name)
    if (value === undefined) return
    const parts = declaration.separator === undefined ? [] : value.split(declaration.separator).filter((part) => part !== '')
    list.push(...(parts.length === 0 ? [value] : parts))
  }
  let at = 0
  const handle = (declaration: Declaration, inline: string | undefined): void => {
    if (declaration.argument === undefined) add(declaration, undefined)
    else if (inline !== undefined) add(declaration, inline)
    else if (declaration.argument === 'required') {
      if (at >= args.length)
        throw optionException('OptionMissingRequiredArgumentException', `Option ${declaration.name} requires an argument`)
      add(declaration, args[at++])
    } else {
      const next = args[at]
      const isNumber = declaration.type !== undefined && next !== undefined && /^[+-]?\d+$/.test(next)
      const isTaken = next !== undefined && (isNumber || (!looksLikeOption(next) && declaration.type === undefined))
      add(declaration, isTaken ? args[at++] : undefined)
    }
  }
  while (at < args.length) {
    const word = args[at++]
    if (word === '--') break
    if (!looksLikeOption(word)) continue
    const bare = word.slice(word.startsWith('--') ? 2 : 1)
    const equals = bare.indexOf('=')
    const name = equals < 0 ? bare : bare.slice(0, equals)
    const declaration = byName.get(name)
    // A single dash does as well; what is not a name is a cluster of letters, of which no tool has any.
    if (declaration === undefined) throw unrecognized(word.startsWith('--') ? name : bare.slice(0, 1))
    handle(declaration, equals < 0 ? undefined : bare.slice(equals + 1))
  }
  const helps = declarations.some((each) => each.help === true && values.has(each.name))
  const missing = declarations.filter((each) => each.required === true && !values.has(each.name)).map((each) => each.name)
  if (missing.length > 0 && !helps)
    throw optionException('MissingRequiredOptionsException', `Missing required option(s) [${missing.join(', ')}]`)
  const unavailable = declarations.filter(
    ({ name, availableIf }) => values.has(name) && availableIf !== undefined && !availableIf.some((other) => values.has(other)),
  )
  if (unavailable.length > 0 && !helps) {
    const names = unavailable.map(({ name }) => name).join(', ')
    throw optionException('UnavailableOptionException', `Option(s) [${names}] are unavailable given other options on the command line`)
  }
  return new OptionSet(declarations, values, order)
}

const looksLikeOption = (word: string): boolean => word.startsWith('-') && word !== '-' && word !== '--'

const unrecognized = (name: string): JavaException => optionException('UnrecognizedOptionException', `${name} is not a recognized option`)
