import type { Journal, JournalFields } from '../../src/host/index.ts'

/** What a host says, on the terminal. */
export const narrator = (host: string, room = ''): Journal => {
  const say =
    (level: string) =>
    (message: string, fields?: JournalFields): void => {
      const text = JSON.stringify(fields, (_key, value) => (value instanceof Error ? value.message : value))
      console.log(host, room, level, message, text)
    }
  return {
    ...{ level: 'info', trace: () => {}, debug: () => {}, info: say('info'), warn: say('warn'), error: say('error'), fatal: say('fatal') },
    child: (name) => narrator(host, name),
  }
}
