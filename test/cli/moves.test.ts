import { describeMoves } from './moves-specification.ts'

describeMoves('tkafka')
