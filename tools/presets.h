/* presets.h -- flows by a name instead of a text. */
#ifndef TOOLS_PRESETS_H
#define TOOLS_PRESETS_H

#include "jf.h"

/* The names, with commas between. */
extern const char preset_names[];

/* What is used where the user says nothing: by the table. */
const char *preset_for(const jf_dataset *data);

/* A new flow of that name for the table; NULL: no such name, or one that the
 * table does not suit (*why says so). */
jf_layer *preset_new(const char *name, const jf_dataset *data,
                     const char **why);

#endif
