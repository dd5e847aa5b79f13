import { isMap, isSeq } from 'yaml'
import type { AclBinding } from '../../client/index.ts'
import { CLUSTER_NAME, operationNamed, operationsOf } from '../acl-terms.ts'
import type { FileReading } from './file-reading.ts'
import { type Node, offsetOf, textOf } from './yaml-node.ts'

type ResourceType = keyof typeof operationsOf

/** The words of rules, and what they are called in them. */
const resourceWords: Readonly<Record<string, ResourceType>> = {
  topic: 'TOPIC',
  group: 'GROUP',
  cluster: 'CLUSTER',
  'transactional-id': 'TRANSACTIONAL_ID',
  'delegation-token': 'DELEGATION_TOKEN',
  user: 'USER',
}

/** The rules that one entry says: one for each name, host and operation. None when it has mistakes. */
export function* rulesOf(reading: FileReading, node: Node): Generator<AclBinding, void> {
  const words = Object.keys(resourceWords)
  const fields = new Map<string, Node>()
  const at = offsetOf(node, 0)
  for (const [key, value] of reading.fields(node, 'a rule', ['principal', 'allow', 'deny', 'host', 'pattern', ...words]))
    fields.set(key, value)
  if (!isMap(node)) return
  const principal = textOf(fields.get('principal'))
  const verbs = (['allow', 'deny'] as const).filter((verb) => fields.has(verb))
  const about = words.filter((word) => fields.has(word))
  const pattern = (textOf(fields.get('pattern')) ?? 'literal').toUpperCase()
  if (typeof principal !== 'string' || !/^[^:]+:.+$/s.test(principal))
    return reading.fault(at, 'a rule needs a principal with its type', 'Write principal: User:NAME.')
  if (verbs.length !== 1) return reading.fault(at, `a rule for ${principal} needs either allow or deny`, 'Write allow: [read, describe].')
  if (about.length !== 1)
    return reading.fault(at, `a rule for ${principal} is about one thing`, `Write one of ${words.join(', ')}, as in topic: orders.`)
  if (pattern !== 'LITERAL' && pattern !== 'PREFIXED')
    return reading.fault(offsetOf(fields.get('pattern'), at), `pattern ${pattern.toLowerCase()} is not known`, 'Write literal or prefixed.')
  const [word] = about as [string]
  const resourceType = resourceWords[word]!
  const texts = (value: Node): string[] =>
    isSeq(value) ? (value.items as Node[]).map((each) => textOf(each) ?? '') : [textOf(value) ?? '']
  const names = resourceType === 'CLUSTER' ? [CLUSTER_NAME] : texts(fields.get(word))
  if (resourceType === 'CLUSTER' && textOf(fields.get(word)) !== 'true')
    return reading.fault(offsetOf(fields.get(word), at), 'there is one cluster', 'Write cluster: true.')
  const hosts = fields.has('host') ? texts(fields.get('host')) : ['*']
  const operations = texts(fields.get(verbs[0]!)).map((text) => ({ text, operation: operationNamed(text, resourceType) }))
  const unknown = operations.find(({ operation }) => operation === undefined)
  if (unknown !== undefined) {
    const known = operationsOf[resourceType].map((each) => each.toLowerCase().replace(/_/g, '-'))
    return reading.fault(
      offsetOf(fields.get(verbs[0]!), at),
      `${unknown.text || 'nothing'} is no operation of a ${word}`,
      `One of all, ${known.join(', ')}.`,
    )
  }
  if (names.includes('') || hosts.includes('')) return reading.fault(at, `a rule for ${principal} has an empty name`, "Write '*' for any.")
  for (const name of names)
    for (const host of hosts)
      for (const { operation } of operations) {
        const patternType = resourceType === 'CLUSTER' ? 'LITERAL' : pattern
        const permission = verbs[0] === 'allow' ? 'ALLOW' : 'DENY'
        yield { resourceType, name, patternType, principal, host, operation: operation!, permission }
      }
}
