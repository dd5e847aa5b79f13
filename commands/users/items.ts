import { changes, type ItemTable, itemKind } from '../../src/cli/index.ts'
import type { Credential } from './list.ts'

const credentials = itemKind<Credential>('ScramCredentials', { user: 'string', mechanism: 'string', iterations: 'integer' })

export const items: ItemTable = {
  'users alter': [changes('UserChanges')],
  'users create': [changes('UserChanges')],
  'users delete': [changes('UserChanges')],
  'users list': [credentials],
}
