/* jf.h -- the whole library. */
#ifndef JF_H
#define JF_H

#include "base/error.h"
#include "base/matrix.h"
#include "base/real.h"
#include "base/stream.h"
#include "base/team.h"
#include "base/vmath.h"
#include "base/work.h"
#include "layer/flow.h"
#include "layer/layers.h"
#include "linalg/blas.h"
#include "linalg/factor.h"
#include "map/map.h"
#include "net/net.h"
#include "train/latent.h"
#include "train/objective.h"

#endif
