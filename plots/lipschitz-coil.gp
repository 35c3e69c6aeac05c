# lipschitz-coil.gp -- A bound $L = 1$ on the map, $X$ uniform on a strip of
# area 4. Left: the strip coiled up by an involute (solid), the best affine
# map, and, dashed, what no flow can beat, by its volume and by its entropy
# power. Right: what the coil still lacks to the first of the two; dashed: .51
# times the width.
width = 1000; height = 420
load 'plots/style.gp'

file = out.'/lipschitz-coil.csv'
set multiplot layout 1, 2
set logscale x
set format x '10^{%T}'
set xrange [1e-6:1]
set lmargin 10
set tmargin 2
set xlabel 'width of the strip'
set ylabel 'likelihood [nats]'
set yrange [-15:0]
set key off
set label 1 'bounds for every flow' at 2e-6, -1.3 left font ',11'
set label 2 'strip coiled up' at 2e-6, -3 left font ',11' tc ls 1
set label 3 'best affine map' at 1e-3, -10.3 left font ',11' tc ls 2
plot file using 'width':'coil_nats' with lines ls 1 lw 2, \
     '' using 'width':'clip_nats' with lines ls 2, \
     '' using 'width':'volume_bound_nats' with lines ls theory, \
     '' using 'width':'entropy_power_nats' with lines ls theory
set label 1 '.51 times the width' at 2e-3, 2e-4 left font ',11'
unset label 2
unset label 3
set yrange [1e-7:1]
set logscale y
set format y '10^{%T}'
set ylabel 'volume bound less the coil [nats]'
plot file using 'width':(column('volume_bound_nats') - column('coil_nats')) with lines ls 1 lw 2, \
     .51 * x with lines ls theory
unset multiplot
