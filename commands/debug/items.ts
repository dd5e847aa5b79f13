import { type ItemTable, lineKind, shaped } from '../../src/cli/index.ts'

/** Its fields are those of the message. */
const message = lineKind<unknown>('Message', shaped({}))

export const items: ItemTable = { 'debug decode': [message], 'debug encode': [message] }
