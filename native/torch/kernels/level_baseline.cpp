// What every processor can run.
#define SIGMA_LEVEL_NAME "baseline"
#define SIGMA_VECTOR 4
#define SIGMA_TILE_VECTORS 2
#include "level_table.h"

const sigma::Level &sigma::baseline_level() { return kTable; }
