# optimum-training.gp -- Likelihood during training of linear flows on the wine
# table (standardised, training rows), full-batch Adam at rate 0.01. Dashed:
# the predicted optimum of each, $EIG$ where the predicted gap is 0; the
# diagonal flow stops short of it by half the log-determinant of the
# correlation matrix.
load 'plots/style.gp'

file = out.'/optimum-training.csv'
names = '"dense" "P L U" "triangular" "diagonal"'
stats file using 'eigen_nats' nooutput
eigen = STATS_max
stats file using 'step' nooutput
last = STATS_max
stats file using (stringcolumn('parameterisation') eq 'diagonal' ? column('predicted_nats') : NaN) nooutput
short = STATS_max
set logscale x
set xlabel 'training step'
set ylabel 'log-likelihood [nats per sample]'
set key off
set yrange [eigen - 4.8:eigen + 0.6]
set xrange [1:last]
set label 1 'EIG, the eigenvalue optimum' at graph 0.03, first eigen offset 0, 0.6
set label 2 'dense' at 7, eigen - 1.9 right tc ls 1
set label 3 'P L U' at 18, eigen - 0.8 right tc ls 2
set label 4 'triangular' at 16, eigen - 2.3 left tc ls 3
set label 5 'diagonal' at 0.9 * last, short right tc ls 4 offset 0, 0.6
plot for [i = 1:4] file using (stringcolumn('parameterisation') eq word(names, i) ? column('step') : NaN):'train_nats' \
         with lines ls i lw 2, \
     for [i = 1:4] file using (stringcolumn('parameterisation') eq word(names, i) ? column('step') : NaN):'predicted_nats' \
         with lines ls theory
