/* place.c -- where the tables are installed.  The one file that knows the
 * prefix: programs of the build are linked with one without it, so that another
 * prefix makes none of them anew. */
#include "data/spec.h"

const char jf_data_installed[] = JF_DATA_INSTALLED;
