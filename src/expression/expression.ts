/**
 * A parsed expression of titiler's language, one block a band of the result. It is made by the parser alone, so that evaluating one
 * never meets a name, a call or an operator that is not on the list.
 */
export interface Expression {
  /** As given, for band descriptions and the tile's key. */
  readonly text: string
  readonly blocks: readonly ExpressionNode[]
  /** 1-based numbers of the bands it reads, ascending. */
  readonly bands: readonly number[]
}

export type ExpressionNode =
  | { readonly kind: 'number'; readonly value: number; readonly integer: boolean }
  /** 1-based. */
  | { readonly kind: 'band'; readonly band: number }
  | { readonly kind: 'unary'; readonly operator: '+' | '-' | '~'; readonly operand: ExpressionNode }
  | {
      readonly kind: 'binary'
      readonly operator: BinaryOperator
      readonly left: ExpressionNode
      readonly right: ExpressionNode
    }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly ExpressionNode[] }

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '//'
  | '%'
  | '**'
  | '&'
  | '|'
  | '^'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
