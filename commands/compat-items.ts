import { type ItemTable, itemKind } from '../src/cli/index.ts'
import type { Listed } from './compat.ts'

export const items: ItemTable = {
  compat: [itemKind<Listed>('CompatTool', { tool: 'string', note: 'string' })],
  'compat install-shims': [itemKind<{ path: string }>('CompatShim', { path: 'string' })],
}
