import { type MatrixCase, toolCases } from './matrix-case.ts'

/** Most of them say more with an authorizer, and a user who may do everything. */
export function aclCases(server: string): MatrixCase[] {
  const acls = toolCases(server)('kafka-acls')
  const unordered = true
  /** Of what these words add. */
  const removal = (words: string): string[] => [
    ...['kafka-acls', '--bootstrap-server', server, '--remove', '--force', '--topic', 't1', '--topic', 'logs', '--group', 'g1'],
    ...['--transactional-id', 'tx', '--user-principal', 'User:x', '--delegation-token', 'x'],
    ...(words.includes('prefixed') ? ['--resource-pattern-type', 'prefixed'] : ['--cluster']),
  ]
  return [
    acls.is('--help', { unordered }),
    acls.is('', { unordered }),
    acls.is('--version', { unordered }),
    acls.is('--list', { unordered }),
    acls.at('', { unordered }),
    acls.at('--list --bootstrap-controller x:1', { unordered }),
    acls.at('--list --add', { unordered }),
    acls.at('--list --producer', { unordered }),
    acls.at('--list --frob', { unordered }),
    acls.at('--topic t1', { unordered }),
    acls.at('--add --topic t1 --principal User:a', { unordered }),
    acls.at('--add --producer --allow-principal User:a', { unordered }),
    acls.at('--add --producer --allow-principal User:a --operation Read --topic t1', { unordered }),
    acls.at('--add --idempotent --allow-principal User:a --topic t1', { unordered }),
    acls.at('--add --consumer --allow-principal User:a --topic t1', { unordered }),
    acls.at('--add --consumer --allow-principal User:a --topic t1 --group g --cluster', { unordered }),
    acls.at('--add --topic t1', { unordered }),
    acls.at('--add --allow-principal User:a', { unordered }),
    acls.at('--add --allow-principal a --topic t1', { unordered }),
    acls.at('--add --allow-principal User:a --topic t1 --resource-pattern-type match', { unordered }),
    acls.at('--list --topic t1 --resource-pattern-type unknown', { unordered }),
    acls.at('--list --topic t1 --resource-pattern-type Frob', { unordered }),
    acls.at('--add --allow-principal User:a --topic t1 --operation Fly', { unordered }),
    acls.at('--add --allow-principal User:a --group g --operation Write', { unordered }),
    acls.at('--list', { unordered }),
    ...[
      '--allow-principal User:alice --operation Read --operation describeconfigs --topic t1',
      '--allow-principal User:bob --producer --topic logs --resource-pattern-type prefixed',
      '--allow-principal User:bob --consumer --topic t1 --group g1',
      '--allow-principal User:bob --producer --consumer --topic t1 --group g1 --idempotent --transactional-id tx',
      '--deny-principal User:mallory --deny-host 10.0.0.1 --deny-host 10.0.0.2 --allow-principal User:al --operation All --cluster',
      '--allow-principal User:al --operation CreateTokens --user-principal User:x',
      '--allow-principal User:al --operation Describe --delegation-token x',
    ].flatMap((words) => [acls.at(`--add ${words}`, { unordered, before: removal(words) }), acls.at(`--add ${words}`, { unordered })]),
    acls.at('--list', { unordered }),
    acls.at('--list --topic t1', { unordered }),
    acls.at('--list --topic logs-1 --resource-pattern-type match', { unordered }),
    acls.at('--list --topic logs --resource-pattern-type ANY --group g1', { unordered }),
    acls.at('--list --principal User:bob', { unordered }),
    acls.at('--list --principal', { unordered }),
    acls.at('--list --principal User:bob --principal User:none', { unordered }),
    acls.at('--remove --topic t1', { stdin: 'n\n' }),
    acls.at('--remove --topic t1 --allow-principal User:alice --operation Read', { stdin: 'n\n' }),
    acls.at('--remove --topic t1 --allow-principal User:alice --operation Read --force', { unordered }),
    acls.at('--remove --topic nothing --force', { unordered }),
    acls.at('--list', { unordered }),
    acls.at('--remove --topic t1 --topic logs --resource-pattern-type any --force', { unordered }),
    acls.at('--list', { unordered }),
  ]
}
