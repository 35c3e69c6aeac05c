/* folder.c -- where the tables that ship are. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <paths.h> /* made by the build */

#include "data/spec.h"

/* Programs of the build and of an installation, moved or not, stand in the
 * folder that has the tables below it, or up to LEVELS further down. */
enum { LEVELS = 4 };
static char folder[4096];

static void find_folder(void)
{
    char path[sizeof folder];
    snprintf(folder, sizeof folder, "%s", jf_data_installed);
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    path[n > 0 ? n : 0] = '\0';
    for (int level = 0; level <= LEVELS; level++) {
        char *slash = strrchr(path, '/');
        size_t room = slash ? sizeof path - (size_t)(slash - path) : 0;
        if (room <= sizeof JF_DATA_BELOW)
            return;
        strcpy(slash, "/" JF_DATA_BELOW);
        if (access(path, R_OK) == 0) {
            strcpy(folder, path);
            return;
        }
        *slash = '\0';
    }
}

const char *jf_data_folder(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const char *wanted = getenv("JF_DATA_DIR");
    if (wanted)
        return wanted;
    pthread_once(&once, find_folder);
    return folder;
}
