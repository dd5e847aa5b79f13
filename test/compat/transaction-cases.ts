import { type MatrixCase, toolCases } from './matrix-case.ts'

export function transactionCases(server: string): MatrixCase[] {
  const transactions = toolCases(server)('kafka-transactions')
  return [
    transactions.is('--help'),
    transactions.is(''),
    transactions.is('--version'),
    transactions.is('list'),
    transactions.at(''),
    transactions.at('force-terminate'),
    transactions.at('find'),
    transactions.at('abort --topic x --partition 0 --producer-epoch 99999'),
    transactions.at('abort --topic x --partition 0 --producer-epoch x'),
    transactions.at('abort --topic x --partition 0'),
    transactions.at('abort --topic x --partition 0 --producer-id 1'),
    transactions.at('abort --topic x --partition 0 --producer-id 1 --producer-epoch 1'),
    transactions.at('abort --topic t1 --partition 0 --start-offset 100000'),
    transactions.at('list'),
    transactions.at('list --duration-filter 1'),
    transactions.at('list --transactional-id-pattern tx.*'),
    transactions.at('list --transactional-id-pattern tx('),
    transactions.at('describe --transactional-id tx-open'),
    transactions.at('describe --transactional-id nope'),
    transactions.at('describe'),
    transactions.at('describe-producers --topic t1 --partition 0'),
    transactions.at('describe-producers --topic t1 --partition 0 --broker-id 1'),
    transactions.at('find-hanging'),
    transactions.at('find-hanging --broker-id 1 --partition 0'),
    transactions.at('find-hanging --broker-id 1'),
    transactions.at('find-hanging --topic t1 --max-transaction-timeout 0'),
    transactions.at('find-hanging --topic t1 --partition 0'),
    transactions.at('find-hanging --topic nope'),
    transactions.at('forceTerminateTransaction --transactionalId tx-open'),
    transactions.at('describe --transactional-id tx-open'),
    transactions.is('--command-config FOLDER/none.properties --bootstrap-server localhost:1 list'),
  ]
}
