/** What a cluster shall be, in files: read, written, compared with what it is, and brought about. */
export * from './carry-out.ts'
export type { Ending } from './change-run.ts'
export * from './changes.ts'
export * from './desired-file.ts'
export * from './desired-state.ts'
export * from './desired-text.ts'
export * from './observed-state.ts'
export * from './saved-plan.ts'
