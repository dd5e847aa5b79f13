/** A failure as Java would throw it: what tools print of it is its type and its message. */
export class JavaException extends Error {
  override name = 'JavaException'
  /** The full name of the class. */
  readonly type: string
  readonly text: string | null
  readonly causedBy: JavaException | undefined
  readonly suppressed: readonly JavaException[]

  constructor(type: string, text: string | null, options: { causedBy?: JavaException; suppressed?: readonly JavaException[] } = {}) {
    super(text ?? 'null')
    this.type = type
    this.text = text
    this.causedBy = options.causedBy
    this.suppressed = options.suppressed ?? []
  }

  /** `type: message`, as Throwable.toString(). */
  override toString(): string {
    return this.text === null ? this.type : `${this.type}: ${this.text}`
  }

  get simpleName(): string {
    return this.type.slice(this.type.lastIndexOf('.') + 1)
  }

  is(simpleName: string): boolean {
    return this.simpleName === simpleName
  }
}

/** What printStackTrace() prints, without the frames: they would be those of another program. */
export function stackTrace(exception: JavaException): string {
  const suppressed = exception.suppressed.map((each) => `\tSuppressed: ${each}\n`).join('')
  const cause = exception.causedBy === undefined ? '' : `Caused by: ${stackTrace(exception.causedBy)}`
  return `${exception}\n${suppressed}${cause}`
}

export const illegalArgument = (text: string): JavaException => new JavaException('java.lang.IllegalArgumentException', text)
export const illegalState = (text: string): JavaException => new JavaException('java.lang.IllegalStateException', text)
export const runtimeException = (text: string): JavaException => new JavaException('java.lang.RuntimeException', text)
export const adminCommandFailed = (text: string, suppressed: readonly JavaException[] = []): JavaException =>
  new JavaException('org.apache.kafka.tools.AdminCommandFailedException', text, { suppressed })
export const adminOperation = (text: string, causedBy?: JavaException): JavaException =>
  new JavaException('org.apache.kafka.tools.AdminOperationException', text, causedBy === undefined ? {} : { causedBy })

/** What waiting for a future throws: the failure, wrapped. */
export const executionException = (cause: JavaException): JavaException =>
  new JavaException('java.util.concurrent.ExecutionException', cause.toString(), { causedBy: cause })

const packages: Readonly<Record<string, string>> = { AdminCommandFailedException: 'org.apache.kafka.tools.' }

/** An exception of Kafka's by its simple name. */
export const namedException = (simpleName: string, text: string, causedBy?: JavaException): JavaException =>
  new JavaException(
    `${packages[simpleName] ?? 'org.apache.kafka.common.errors.'}${simpleName}`,
    text,
    causedBy === undefined ? {} : { causedBy },
  )
