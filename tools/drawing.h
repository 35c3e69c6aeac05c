/* drawing.h -- a drawing of gnuplot's within a page. */
#ifndef TOOLS_DRAWING_H
#define TOOLS_DRAWING_H

#include "jf.h"

/* What the marks and texts of a drawing lead to: for a name of n bytes, which is
 * no string, the attributes of a link, such as href="#x", or NULL. */
typedef struct {
    const char *(*link)(void *context, const char *name, size_t n);
    void *context;
} drawing_links;

/* What is within <svg> (which svg has, with its end) in fewer bytes: points to a
 * tenth of a pixel, a mark's form and colour once, no group that holds nothing.
 * Ids begin with name and "-": many drawings share a page.  links may be
 * NULL. */
void add_drawing(jf_text *b, const char *svg, const char *name,
                 const drawing_links *links);

#endif
