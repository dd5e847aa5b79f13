import { describe } from 'node:test'
import { describeOperations } from '../cli/three-nodes-specification.ts'
import { withoutApache } from './kafka-home.ts'

describe('three nodes', { skip: withoutApache }, () => void describeOperations('apache'))
