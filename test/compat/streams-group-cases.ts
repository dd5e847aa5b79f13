import { type MatrixCase, toolCases } from './matrix-case.ts'

/** What is refused before any cluster is asked. */
export function streamsGroupUsage(server: string): MatrixCase[] {
  const groups = toolCases(server)('kafka-streams-groups')
  const reset = '--reset-offsets --group g'
  return [
    groups.is(''),
    groups.is('--version'),
    groups.is('--list'),
    groups.at(''),
    groups.at('--list --describe --group g'),
    groups.at('--frobnicate'),
    groups.at('--list --members'),
    groups.at('--list --verbose --offsets'),
    groups.at('--delete --group g --state'),
    groups.at('--describe'),
    groups.at('--describe --group g --members --state'),
    groups.at('--describe --group g --state Empty'),
    groups.at('--delete'),
    groups.at('--delete --group g --input-topic t'),
    groups.at('--delete-offsets --group g'),
    groups.at('--delete-offsets --group g --group h --input-topic t'),
    groups.at('--reset-offsets'),
    groups.at(`${reset} --dry-run --execute`),
    groups.at('--reset-offsets --dry-run'),
    groups.at(`${reset} --dry-run --to-earliest --to-latest`),
    groups.at(`${reset} --dry-run --delete-all-internal-topics`),
    groups.at('--list --delete-all-internal-topics'),
    groups.at(`${reset} --dry-run --delete-internal-topic t`),
    groups.at('--list --dry-run'),
    groups.at('--list --group g'),
    groups.at('--describe --group g --all-groups'),
    groups.at('--list --state frob'),
    groups.at(`${reset} --dry-run --shift-by x --all-input-topics`),
  ]
}

/** Against a broker with streams groups: `live` reads s1 by way of a topic of its own, `ended` did, `plain` made none. */
export function streamsGroupCases(server: string): MatrixCase[] {
  const groups = toolCases(server)('kafka-streams-groups')
  const reset = '--reset-offsets --group ended'
  const all = `${reset} --all-input-topics --dry-run`
  return [
    groups.at('--list', { unordered: true }),
    groups.at('--list --state', { unordered: true }),
    groups.at('--list --state stable,notready'),
    groups.at('--describe --group nope'),
    groups.at('--describe --group live'),
    groups.at('--describe --group live --offsets --verbose'),
    groups.at('--describe --group live --members'),
    groups.at('--describe --group live --members --verbose'),
    groups.at('--describe --group live --group ended --state'),
    groups.at('--describe --all-groups --state --verbose'),
    groups.at('--describe --group ended'),
    groups.at('--describe --group ended --members'),
    groups.at(`${all} --to-earliest`),
    groups.at(`${all} --to-latest --export`),
    groups.at(`${all} --to-current`),
    groups.at(`${all} --shift-by 1`),
    groups.at(`${all} --to-offset 99`),
    groups.at(`${all} --to-datetime 2020-01-01T00:00:00.000`),
    groups.at(`${all} --by-duration P1D`),
    groups.at(all),
    groups.at(`${reset} --dry-run --to-earliest`),
    groups.at(`${reset} --dry-run --to-earliest --input-topic s1`),
    groups.at(`${reset} --dry-run --to-earliest --input-topic s1:1`),
    groups.at(`${reset} --dry-run --to-earliest --input-topic t1`),
    groups.at(`${reset} --dry-run --to-earliest --input-topic nope`),
    groups.at(`${reset} --dry-run --to-earliest --input-topic s1:9`),
    groups.at(`${reset} --dry-run --to-earliest --input-topic s1:x`),
    groups.at(`${reset} --dry-run --from-file FOLDER/streams.csv`, { files: { 'streams.csv': 's1,0,1\ns1,1,0\n' } }),
    groups.at('--reset-offsets --group live --all-input-topics --to-earliest --dry-run'),
    groups.at('--reset-offsets --group nope --all-input-topics --to-earliest --dry-run'),
    groups.at('--reset-offsets --group nope --input-topic s1 --to-earliest --dry-run'),
    groups.at(`${reset} --all-input-topics --to-earliest --execute`),
    groups.at(`${reset} --all-input-topics --to-earliest --execute --delete-internal-topic ended-nope-changelog`),
    groups.at('--reset-offsets --group plain --all-input-topics --to-latest --execute --delete-all-internal-topics'),
    groups.at('--delete-offsets --group live --input-topic s1'),
    groups.at('--delete-offsets --group nope --input-topic s1'),
    groups.at('--delete-offsets --group nope --all-input-topics'),
    groups.at('--delete-offsets --group ended --input-topic nope'),
    groups.at('--delete-offsets --group nope --input-topic nope'),
    groups.at('--delete-offsets --group plain --input-topic s1:0'),
    groups.at('--delete --group nope --group live'),
  ]
}
