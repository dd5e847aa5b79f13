/**
 * coordinator: deciders over partition ledgers. `group/` is here; `transaction/` and `share/` have rooms of their own beside it.
 */
export * from './group/index.ts'
