import { type ItemTable, itemKind, lineKind, shaped, words } from '../../src/cli/index.ts'
import type { BundledPart } from '../../src/ops/index.ts'

/** Its fields are those of the message. */
const message = lineKind<unknown>('Message', shaped({}))

const bundledParts = itemKind<BundledPart>('BundledParts', {
  path: 'string',
  state: words('there', 'cut', 'missing'),
  bytes: 'integer',
  reason: 'string?',
})

export const items: ItemTable = { 'debug bundle': [bundledParts], 'debug decode': [message], 'debug encode': [message] }
