/* uniqueness.h -- the parts of the experiment. */
#ifndef UNIQUENESS_H
#define UNIQUENESS_H

#include "check.h"

void uniqueness_trained(experiment *e); /* uniqueness-{runs,trained,field} */

#endif
