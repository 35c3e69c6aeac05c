#!/bin/bash
# endurance.sh BUILD TABLES [PROFILE [SIZE...]]: the long runs, at the first size,
# and the edges of stability at all of them, of experiments/highres/endurance.c,
# into the folder TABLES, with commit and machine, and the flow of the first run;
# and the flows of interlaced pixels of that size, of experiments/highres, likewise,
# with the figure of all its recipes.
# Without more the full profile at 1024, which takes an hour and a half on two
# cores; a run that was stopped goes on.
set -eu
export LC_ALL=C # no decimal commas
build=$1 tables=$2 profile=${3:-full}
program=$build/experiments/endurance
digest=$(sha256sum <"$program")
folder=$build/endurance/$profile-${digest:0:12}
shift $(($# > 3 ? 3 : $#))
sizes=${*:-1024}
commit=$(git describe --always --dirty 2>&- || echo unknown)

header()
{
    echo "# commit: $commit"
    echo "# machine: $(sed -n 's/^model name[^:]*: //p;T;q' /proc/cpuinfo)"
}

# The edge at a size is a run of its own.
for size in $sizes; do
    "$program" --edge --size "$size" --profile "$profile" --threads 0 \
        --resume --out "$folder/$size"
done
# The flow of the first of the long runs is written when that ends.
save=$folder/endurance.theta
[ ! -f "$save" ] || save=
"$program" --size "${sizes%% *}" --profile "$profile" --threads 0 --resume \
    --out "$folder" ${save:+--save "$save"}
# What these start with is what they have to learn: no profile has more of them
# than the default one.
save=$folder/interlaced.theta
[ ! -f "$save" ] || save=
"$build/experiments/highres" --size "${sizes%% *}" --threads 0 --resume \
    --profile "$([ "$profile" = quick ] && echo quick || echo default)" \
    --out "$folder/interlaced" ${save:+--save "$save"}
mkdir -p "$tables"
for table in runs codecs; do
    {
        header
        echo "# rows: of interlaced, and of codecs; make highres has those of" \
            "the other recipes"
        cat "$folder/interlaced/highres-$table.csv"
    } |
        awk -F, '/^#/ || !n++ || /,interlaced,/ || $4 ~ /^(png|webp|jxl)$/' \
            >"$tables/interlaced-$table.csv.new"
    mv "$tables/interlaced-$table.csv.new" "$tables/interlaced-$table.csv"
done
for table in endurance endurance-runs endurance-codecs endurance-stretch; do
    { header; cat "$folder/$table.csv"; } >"$tables/$table.csv.new"
    mv "$tables/$table.csv.new" "$tables/$table.csv"
done
cp plots/highres-bits.gp "$folder/interlaced"
LC_ALL=C.UTF-8 tools/draw.sh "$folder/interlaced" "$folder/interlaced/highres-bits.gp"
cp "$folder/interlaced/highres-bits.png" "$tables/highres-bits.png.new"
mv "$tables/highres-bits.png.new" "$tables/highres-bits.png"
for name in endurance interlaced; do
    cp "$folder/$name.theta" "$tables/$name.theta.new"
    mv "$tables/$name.theta.new" "$tables/$name.theta"
done
for table in rates runs stretch; do
    {
        header
        first=yes
        for size in $sizes; do # the head of the first, the rows of all
            if [ $first ]; then cat "$folder/$size/endurance-edge-$table.csv"
            else grep -v '^#' "$folder/$size/endurance-edge-$table.csv" |
                tail -n +2
            fi
            first=
        done
    } >"$tables/endurance-edge-$table.csv.new"
    mv "$tables/endurance-edge-$table.csv.new" \
        "$tables/endurance-edge-$table.csv"
done
