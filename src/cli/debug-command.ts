import { BaseCommand } from './base-command.ts'
import { bytePieces, readAll } from './byte-lines.ts'
import type { WhichMessage } from './debug-messages.ts'
import { usageFault } from './fault.ts'
import { Flags, parseCount } from './flags.ts'

/** How the two directions say which message they are about. */
export const messageFlags = {
  api: Flags.string({ summary: 'API of the message, by name or key', helpValue: 'NAME', exclusive: ['message'] }),
  type: Flags.option({ options: ['request', 'response'] as const })({ summary: 'which of the two messages of --api', default: 'request' }),
  message: Flags.string({ summary: 'message or persisted record by name', helpValue: 'NAME' }),
  version: Flags.string({ summary: 'version of the message; default: the highest', helpValue: 'N' }),
  frame: Flags.boolean({ summary: 'a whole frame, with size and header' }),
  input: Flags.option({ options: ['one', 'ndjson'] as const })({ summary: 'one message, or one a line', default: 'one' }),
}

export interface MessageFlags {
  readonly api?: string | undefined
  readonly type: 'request' | 'response'
  readonly message?: string | undefined
  readonly version?: string | undefined
  readonly frame: boolean
  readonly input: 'one' | 'ndjson'
}

export abstract class DebugCommand extends BaseCommand {
  protected which({ api, type, message, version }: MessageFlags): WhichMessage {
    return { api, type, message, version: version === undefined ? undefined : parseCount(version, '--version', 0, 32767) }
  }

  /** The argument, or all of standard input. @throws Fault (usage) when both are empty */
  protected async input(argument: string | undefined, what: string): Promise<string> {
    const text = argument ?? (await readAll(this.shell.stdin)).toString()
    if (text.trim() === '') throw usageFault(`there is no ${what} on standard input`)
    return text
  }

  /** Answers line by line, in order, as lines come in. */
  protected async convertLines(direction: 'decode' | 'encode', frame: boolean, which: WhichMessage): Promise<void> {
    const { convertLine } = await import('./debug-messages.ts')
    for await (const lines of bytePieces(this.shell.stdin)) {
      let answers = ''
      for (const line of lines) {
        if (line.length === 0) continue
        const { text, failed } = await convertLine(direction, line.toString(), frame, which)
        if (failed) this.shell.exitCode = 1
        answers += `${text}\n`
        // Answers go out in pieces: a long input does not become one text.
        if (answers.length > 1 << 20) {
          await this.write(answers)
          answers = ''
        }
      }
      await this.write(answers)
    }
  }
}
