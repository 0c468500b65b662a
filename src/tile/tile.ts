/** A tile's address in a tile matrix set: matrix (zoom), column, row; row 0 is the northernmost (OGC 17-083r4 §6.2). */
export interface Tile {
  readonly z: number
  readonly x: number
  readonly y: number
}
